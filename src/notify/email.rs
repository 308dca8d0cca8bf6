//! `kind = "email"`: one mail for each try, on a connection of its own (RFC 5321).
//!
//! Message-ID and Date come from the delivery, so a mail that is sent twice, because the server's
//! reply was lost, is the same mail: mailboxes and programs that know it show it once.

use std::time::{Duration, UNIX_EPOCH};

use lettre::{
    Address,
    address::Envelope,
    message::{
        Attachment, Mailbox, Message, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        extension::ClientId,
    },
};
use tokio::time::timeout;

use super::{Failure, Receipt, told};
use crate::{
    config::{Email, MailTls, Server, Trust},
    domain::alert::{Priority, delivery::Delivery},
};

/// Hands mail to one server.
pub(super) struct Mail {
    server: Server,
    mode: MailTls,
    /// There unless the mode is `None`.
    tls: Option<TlsParameters>,
    from: Address,
    credentials: Option<Credentials>,
}

impl Mail {
    pub(super) fn new(config: &Email) -> Result<Self, String> {
        let from: Address = config.from.parse().map_err(|_| "its sender is no address")?;
        let tls = match config.tls {
            MailTls::None => None,
            MailTls::Starttls | MailTls::Tls => Some(tls(&config.server.host, &config.trust)?),
        };
        let credentials = config.sign_in.as_ref().map(|sign_in| {
            Credentials::new(sign_in.username.clone(), sign_in.password.expose().to_owned())
        });
        Ok(Self { server: config.server.clone(), mode: config.tls, tls, from, credentials })
    }

    pub(super) async fn send(
        &self,
        delivery: &Delivery,
        deadline: Duration,
    ) -> Result<Receipt, Failure> {
        let to: Address = delivery.address.parse().map_err(|_| {
            Failure::lasting(told::line(&format!("{:?} is no e-mail address", delivery.address)))
        })?;
        let mail = self.mail(delivery, to.clone()).map_err(Failure::lasting)?;
        let envelope = Envelope::new(Some(self.from.clone()), vec![to])
            .map_err(|error| Failure::lasting(told::chain(&error)))?;
        let (receipt, mut connection) =
            match timeout(deadline, self.hand_over(&envelope, &mail)).await {
                Ok(sent) => sent?,
                Err(_) => {
                    return Err(Failure::passing(format!("no reply within {deadline:?}")));
                }
            };
        // The server has it; how it takes the goodbye changes nothing.
        let _ = timeout(GOODBYE, connection.quit()).await;
        Ok(receipt)
    }

    async fn hand_over(
        &self,
        envelope: &Envelope,
        mail: &[u8],
    ) -> Result<(Receipt, AsyncSmtpConnection), Failure> {
        let failed = |error: lettre::transport::smtp::Error| Failure {
            again: !error.is_permanent(),
            wait: None,
            told: told::chain(&error),
        };
        let name = ClientId::Domain(self.from.domain().to_owned());
        let server = (self.server.host.as_str(), self.server.port);
        let wrapped = self.tls.clone().filter(|_| self.mode == MailTls::Tls);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, None, &name, wrapped, None)
                .await
                .map_err(failed)?;
        if let (MailTls::Starttls, Some(tls)) = (self.mode, &self.tls) {
            connection.starttls(tls.clone(), &name).await.map_err(failed)?;
        }
        if let Some(credentials) = &self.credentials {
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            connection.auth(&mechanisms, credentials).await.map_err(failed)?;
        }
        let reply = connection.send(envelope, mail).await.map_err(failed)?;
        let said: Vec<&str> = reply.message().collect();
        let reference = told::line(&format!("{} {}", reply.code(), said.join(" ")));
        Ok((Receipt { reference: Some(reference) }, connection))
    }

    /// The mail as it is sent.
    fn mail(&self, delivery: &Delivery, to: Address) -> Result<Vec<u8>, String> {
        let message = &delivery.message;
        let domain = self.from.domain();
        let header = |name: &'static str, value: &str| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
        };
        let mut mail = Message::builder()
            .from(Mailbox::new(None, self.from.clone()))
            .to(Mailbox::new(None, to))
            .subject(told::line(&message.subject))
            .date(UNIX_EPOCH + Duration::from_micros(delivery.created_at.0))
            .message_id(Some(format!("<{}@{domain}>", delivery.id)))
            // Mails about one alert are one conversation.
            .references(format!("<{}@{domain}>", delivery.alert))
            // Nobody's holiday notice is to come back (RFC 3834 §5).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if message.priority == Priority::High {
            mail =
                mail.raw_header(header("X-Priority", "1")).raw_header(header("Importance", "high"));
        }
        let text = SinglePart::plain(message.text.clone());
        let mail = match &message.picture {
            None => mail.singlepart(text),
            Some(picture) => {
                let jpeg = ContentType::parse("image/jpeg").map_err(|error| error.to_string())?;
                let picture = Attachment::new("camera.jpg".to_owned()).body(picture.to_vec(), jpeg);
                mail.multipart(MultiPart::mixed().singlepart(text).singlepart(picture))
            }
        };
        Ok(mail.map_err(|error| told::chain(&error))?.formatted())
    }
}

fn tls(host: &str, trust: &Trust) -> Result<TlsParameters, String> {
    let builder = TlsParameters::builder(host.to_owned());
    let builder = match trust {
        Trust::System => builder,
        Trust::Only(certificates) => {
            let mut builder = builder.certificate_store(CertificateStore::None);
            for certificate in certificates.iter() {
                let certificate = Certificate::from_der(certificate.to_vec());
                builder = builder.add_root_certificate(certificate.map_err(|e| e.to_string())?);
            }
            builder
        }
    };
    builder.build_rustls().map_err(|error| told::chain(&error))
}

/// A server that is well answers QUIT at once.
const GOODBYE: Duration = Duration::from_secs(1);
